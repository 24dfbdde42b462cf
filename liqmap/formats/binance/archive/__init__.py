"""The CSV files of Binance's archive: trades, depth bands, T_DEPTH history."""
