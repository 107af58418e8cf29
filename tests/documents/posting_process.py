"""A process of its own that posts documents: `posting_process.py <dsn> <ids> <name>`."""

import asyncio
import sys

sys.path.insert(0, __file__.rsplit("/", 2)[0])

from documents.desk import CLERK
from truestock.database import connect
from truestock.documents.operations.posting import post_document
from truestock.kernel import clock
from truestock.kernel.errors import TruestockError
from truestock.stock.operations.ledger import Ledger


async def main(dsn: str, ids: str, name: str) -> None:
    database = await connect(dsn)
    ledger = Ledger(database, clock.now)

    async def post(document_id: int) -> str:
        key = f"{name}-{document_id}"
        try:
            answer = await post_document(database, ledger, CLERK, document_id, key)
        except TruestockError as error:
            return error.code
        return str(answer.body["state"])

    told = await asyncio.gather(*[post(int(each)) for each in ids.split(",")])
    sys.stdout.write("\n" + " ".join(told))
    await ledger.close()
    await database.close()


asyncio.run(main(*sys.argv[1:]))
