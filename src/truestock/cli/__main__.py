"""`python -m truestock.cli` is `truestock`."""

from truestock.cli import main

if __name__ == "__main__":
    main()
