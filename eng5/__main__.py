"""`python -m eng5` is `eng5`."""

from eng5.cli import main

if __name__ == "__main__":
    main()
