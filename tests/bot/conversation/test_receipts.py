"""What people read of the files that came with a question."""

from bot.conversation.context import Context, Read
from bot.conversation.inlining import Unread
from bot.conversation.letters import TOO_MANY, pack_files
from bot.conversation.receipts import receipts
from bot.core.message import AskedAgain, Attachment, Promised, Said
from bot.knowledge.files import MOST_FILES


def told(*read: Read, unread: tuple[Unread, ...] = ()) -> list[str]:
    """The lines beneath the answer."""
    return receipts(Context((), 0, read=read, unread=unread)).split("\n\n")


def test_one_line_for_all_that_was_read() -> None:
    """With the tokens of each text, whole or cut, and a word for pictures; nothing where no files came."""
    files = Read("report.csv", 1_240, 1_240), Read("log.txt", 8_000, 20_000), Read("photo.png")
    assert told(*files) == [
        "> Read report.csv: 1,240 tokens · log.txt: first 8,000 of 20,000 tokens · photo.png: looked at"
    ]
    assert told() == [""]


def test_documents_say_how_much_of_them_that_is() -> None:
    """What was read of the file, and where the model's part of it ends."""
    files = Read("a.pdf", 900, 900, "12 pages"), Read("b.pdf", 800, 2_000, "40 pages", "page 16")
    assert told(*files) == [
        "> Read a.pdf: 12 pages, 900 tokens · b.pdf: 40 pages, first 800 of 2,000 tokens (up to page 16)"
    ]


def test_a_line_for_each_file_that_was_not_read() -> None:
    """The reason joins the name as a sentence; of many only the first are named."""
    unread = (
        Unread("a.mp4", "“a.mp4” is empty."),
        Unread("b.mp4", "It is gone."),
        Unread("c.mp4", "Slack said no."),
    )
    assert told(unread=unread) == [
        "> a.mp4 was not read: it is empty.",
        "> b.mp4 was not read: it is gone.",
        "> c.mp4 was not read: Slack said no.",
    ]
    assert told(unread=unread * 3)[-1] == "> 4 more files were not read."


def test_a_name_is_no_markup() -> None:
    """What a name could do to the text around it is taken out."""
    assert told(Read("**a**`<@U1>|[x](y)", 1, 1)) == ["> Read --a----@U1---x-(y): 1 tokens"]


def test_files_go_to_the_inbox_as_they_came_or_as_promises() -> None:
    """At most as many as a message can bring; a name has neither folders nor odd letters, and a retry has no files."""
    promised = tuple(Promised(f"../{n}\n.txt", "text/plain" * 50, 7, f"ref{n}") for n in range(MOST_FILES))
    packed = pack_files(Said("Read", (Attachment("came.txt", "text/plain", b"abc"),), promised))
    assert [one.state for one in packed] == ["kept", *["promised"] * (MOST_FILES - 1), "refused"]
    assert (packed[1].name, packed[1].ref, packed[1].size, packed[1].data) == ("0.txt", "ref0", 7, b"")
    assert len(packed[1].media_type) == 200
    assert packed[-1].note == TOO_MANY
    assert pack_files(AskedAgain()) == ()
