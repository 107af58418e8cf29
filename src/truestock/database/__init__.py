"""PostgreSQL: the pool, the one place that opens and commits, `.sql` files, migrations."""

from truestock.database.pool import Database, connect
from truestock.database.sql import Listing, load_sql
from truestock.database.transactions import ReadTransaction, Transaction

__all__ = ["Database", "Listing", "ReadTransaction", "Transaction", "connect", "load_sql"]
