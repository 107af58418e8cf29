-- Whether figures are to be counted: there are too many balances to count them when asked, and the
-- last counting is a hundred times as long ago as it took.
SELECT
    (SELECT coalesce(max(balance_id), 0) FROM balance) > $1
    AND coalesce((
        SELECT max(counted_at) + sum(milliseconds) * interval '0.1 seconds' FROM stock_figure
    ) <= $2::timestamptz, true)
