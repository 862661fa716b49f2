"""Questions before something that cannot be taken back."""

from collections.abc import Callable

from app.gui.banner import Banner
from app.gui.texts import tr


def ask_about_closing(banner: Banner, close: Callable[[], None]) -> None:
    """Ask whether to close the window while files are processed."""
    text = tr("Files are still being processed. Close all the same? What is finished so far is kept.")
    go_on = (tr("Go on"), lambda: banner.clear_about("closing"))
    banner.show_note(text, ((tr("Close"), close), go_on), about="closing", urgent=True)


def ask_about_reset(banner: Banner, reset: Callable[[], None]) -> None:
    """Ask whether all settings are to have their defaults again."""

    def do() -> None:
        banner.clear_about("reset")
        reset()

    text = tr("Give all settings their defaults again, addresses and folders, too?")
    keep = (tr("Keep them"), lambda: banner.clear_about("reset"))
    banner.show_note(text, ((tr("Reset"), do), keep), about="reset", urgent=True)
