"""What a row of each kind may give, and which headers mean it. Pure.

A header means a field when both are the same without case, spaces and signs; our own exports use
the field names, so that what was exported can be imported without a mapping.
"""

import re
from collections.abc import Sequence
from typing import Final, Literal

from truestock.exchange.model.imports import Column, Field, Form, ImportKind, Mapping, TableForm
from truestock.exchange.rules.values import parsed_date

_SKU: Final = (
    "item", "itemcode", "itemnumber", "itemno", "articlenumber", "artikelnummer", "partnumber",
    "partno", "productcode", "stockcode", "code",
)  # fmt: skip
_QUANTITY: Final = ("qty", "amount", "units", "pieces", "count", "menge", "stock", "onhand")
_LOT: Final = ("lotcode", "batch", "serial", "serialnumber")
_WHEN: Final = ("date", "day", "moment", "time", "datetime", "datum", "postingdate", "orderdate")

FIELDS: Final[dict[ImportKind, tuple[Field, ...]]] = {
    ImportKind.ITEMS: (
        Field("sku", "SKU", Form.CODE, is_required=True, hint="The item's code.", aliases=_SKU),
        Field("name", "Name", aliases=("title", "itemname", "productname", "bezeichnung")),
        Field("description", "Description", aliases=("longtext", "details", "text")),
        Field("base_unit", "Unit", Form.CODE, aliases=("unit", "uom", "unitofmeasure", "einheit")),
        Field("gtin", "GTIN", Form.CODE, aliases=("ean", "upc", "barcode", "ean13", "gtin13")),
        Field("tracking", "Tracking", Form.WORD, hint="none, lot or serial."),
        Field("shelf_life_days", "Shelf life in days", Form.WHOLE, aliases=("shelflife",)),
        Field("currency", "Currency", Form.CODE, hint="Three letters; EUR when left out.",
              aliases=("curr", "waehrung")),
        Field("list_price", "List price", Form.MONEY,
              aliases=("price", "salesprice", "unitprice", "preis", "rrp")),
        Field("cost", "Cost", Form.MONEY, aliases=("unitcost", "costprice", "purchaseprice")),
        Field("picture_url", "Picture link", Form.CODE, aliases=("picture", "image", "imageurl")),
        Field("packs", "Packs", Form.PACKS, hint="Like: box=12; case=144."),
    ),
    ImportKind.LOCATIONS: (
        Field("code", "Code", Form.CODE, is_required=True,
              aliases=("location", "locationcode", "bin", "bincode", "lagerplatz")),
        Field("site", "Site", Form.CODE, hint="The code of its site.",
              aliases=("sitecode", "warehouse", "building", "standort", "lager")),
        Field("parent", "Parent", Form.CODE, hint="The code of the location it lies in.",
              aliases=("parentcode", "parentlocation", "within", "zone")),
        Field("kind", "Kind", Form.WORD, hint="zone, aisle, bin, dock, stage or transit.",
              aliases=("type", "locationtype")),
        Field("name", "Name", aliases=("description", "title")),
        Field("pickable", "Pickable", Form.YES_NO),
        Field("sellable", "Sellable", Form.YES_NO),
        Field("receiving", "Receiving", Form.YES_NO),
        Field("negative_allowed", "Below zero allowed", Form.YES_NO),
        Field("capacity", "Capacity", Form.WHOLE),
    ),
    ImportKind.PARTIES: (
        Field("kind", "Kind", Form.WORD, is_required=True, hint="supplier or customer.",
              aliases=("type", "partytype", "role")),
        Field("code", "Code", Form.CODE, is_required=True,
              aliases=("number", "accountnumber", "account", "customernumber", "suppliernumber")),
        Field("name", "Name", aliases=("company", "companyname", "title")),
        Field("email", "Email", Form.CODE, aliases=("mail", "emailaddress")),
        Field("phone", "Phone", aliases=("telephone", "tel", "phonenumber")),
        Field("address", "Address", aliases=("postaladdress", "street")),
        Field("currency", "Currency", Form.CODE, aliases=("curr",)),
        Field("note", "Note", aliases=("notes", "comment", "remark")),
    ),
    ImportKind.OPENING_STOCK: (
        Field("sku", "SKU", Form.CODE, is_required=True, aliases=_SKU),
        Field("location", "Location", Form.CODE, is_required=True,
              aliases=("locationcode", "bin", "bincode", "lagerplatz")),
        Field("quantity", "Quantity", Form.QUANTITY, is_required=True,
              aliases=(*_QUANTITY, "quantityonhand")),
        Field("unit", "Unit", Form.CODE, aliases=("uom",),
              hint="The item's base unit when left out."),
        Field("lot", "Lot or serial", Form.CODE, aliases=_LOT),
        Field("unit_cost", "Cost of one base unit", Form.DECIMAL,
              hint="In the smallest unit of the item's currency."),
        Field("occurred_at", "When", Form.MOMENT, aliases=_WHEN),
    ),
    ImportKind.MOVEMENTS: (
        Field("kind", "Kind", Form.WORD, is_required=True,
              hint="receipt, delivery, transfer, adjustment, scrap or move.",
              aliases=("type", "movementtype", "direction")),
        Field("sku", "SKU", Form.CODE, is_required=True, aliases=_SKU),
        Field("quantity", "Quantity", Form.QUANTITY, is_required=True, aliases=_QUANTITY),
        Field("unit", "Unit", Form.CODE, aliases=("uom",)),
        Field("source_location", "From", Form.CODE, hint="SUPPLIER for receipts when left out.",
              aliases=("from", "source", "fromlocation", "sourcelocationcode")),
        Field("target_location", "To", Form.CODE, hint="CUSTOMER for deliveries when left out.",
              aliases=("to", "target", "tolocation", "targetlocationcode")),
        Field("lot", "Lot or serial", Form.CODE, aliases=_LOT),
        Field("unit_cost", "Cost of one base unit", Form.DECIMAL,
              hint="In the smallest unit of the item's currency."),
        Field("occurred_at", "When", Form.MOMENT, aliases=_WHEN),
        Field("movement", "Belongs together", Form.CODE,
              hint="Lines with the same text here are one movement, all or nothing.",
              aliases=("movementid", "documentnumber", "document", "number")),
        Field("reason", "Reason"),
        Field("note", "Note", aliases=("comment", "remark")),
    ),
    ImportKind.DELIVERIES: (
        Field("item", "Item", is_required=True, hint="A SKU, or a name with `create_missing`.",
              aliases=("sku", "name", *_SKU[1:], "product", "description")),
        Field("date", "Day", Form.DAY, is_required=True, aliases=(*_WHEN, "occurredat")),
        Field("quantity", "Quantity", Form.QUANTITY, is_required=True,
              aliases=(*_QUANTITY, "sold", "sales", "demand", "demandquantity")),
        Field("unit_price", "Unit price", Form.MONEY,
              aliases=("price", "listprice", "salesprice")),
        Field("currency", "Currency", Form.CODE, aliases=("curr",)),
        Field("site", "Site", Form.CODE, hint="The code of the site that delivers.",
              aliases=("sitecode",)),
        Field("location", "Location", Form.CODE, hint="Where it is taken from.",
              aliases=("locationcode", "bin", "source")),
    ),
}  # fmt: skip

_PLAIN = re.compile(r"[\W_]+")
_DATE_PATTERNS: Final = (
    "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%y",
    "%d/%m/%y", "%m/%d/%y", "%Y%m%d", "%d.%m.%Y %H:%M", "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M",
    "%d.%m.%Y %H:%M:%S", "%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S",
)  # fmt: skip
_COMMA_NUMBER = re.compile(r"[+-]?\d+,\d+")
_POINT_NUMBER = re.compile(r"[+-]?\d+\.\d+")


def guessed_mapping(kind: ImportKind, form: TableForm) -> Mapping:
    """Return the mapping that the headers and the first values suggest; it may lack fields."""
    by_plain: dict[str, Column] = {}
    for column in form.columns:
        by_plain.setdefault(_plain(column.name), column)
    chosen: dict[str, Column] = {}
    for names in (lambda f: (f.name, f.label), lambda f: f.aliases):
        for field in FIELDS[kind]:
            if field.name in chosen:
                continue
            found = next((by_plain[n] for n in map(_plain, names(field)) if n in by_plain), None)
            if found is not None and found not in chosen.values():
                chosen[field.name] = found
    return Mapping(
        columns={name: column.name for name, column in chosen.items()},
        date_format=_date_format(_samples(kind, chosen, (Form.DAY, Form.MOMENT))),
        decimal_mark=_decimal_mark(
            _samples(kind, chosen, (Form.QUANTITY, Form.MONEY, Form.DECIMAL))
        ),
    )


def _plain(text: str) -> str:
    return _PLAIN.sub("", text).casefold()


def _samples(kind: ImportKind, chosen: dict[str, Column], forms: Sequence[Form]) -> list[str]:
    names = [field.name for field in FIELDS[kind] if field.form in forms]
    return [text for name in names if name in chosen for text in chosen[name].samples]


def _date_format(samples: Sequence[str]) -> str:
    """Return the one pattern that all samples follow; none when ISO does or several would do."""
    texts = [text.strip() for text in samples]
    if not texts or all(parsed_date(text, "") for text in texts):
        return ""
    fitting = [p for p in _DATE_PATTERNS if all(parsed_date(text, p) for text in texts)]
    return fitting[0] if len(fitting) == 1 else ""


def _decimal_mark(samples: Sequence[str]) -> Literal[".", ","]:
    commas = any(_COMMA_NUMBER.fullmatch(text.strip()) for text in samples)
    points = any(_POINT_NUMBER.fullmatch(text.strip()) for text in samples)
    return "," if commas and not points else "."
