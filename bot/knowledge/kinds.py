"""Kinds of files that are read: what they are called, and in which language code stands behind its fence."""

from __future__ import annotations

from pathlib import PurePosixPath

_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."

TEXT = "text/plain"
TABLE = "text/csv"
PAGE = "text/html"
PDF = "application/pdf"
WORD = f"{_OFFICE}wordprocessingml.document"
EXCEL = f"{_OFFICE}spreadsheetml.sheet"
SLIDES = f"{_OFFICE}presentationml.presentation"
OPEN_TEXT = f"{_OPEN}text"
OPEN_SHEET = f"{_OPEN}spreadsheet"
OPEN_SLIDES = f"{_OPEN}presentation"

# What has to be read in a process of its own before a model gets it.
DOCUMENTS = frozenset(
    {TABLE, PAGE, PDF, WORD, EXCEL, SLIDES, OPEN_TEXT, OPEN_SHEET, OPEN_SLIDES},
)
# The names that such files usually have; only a hint, for their bytes decide.
DOCUMENT_NAMES = (".pdf", ".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp")
TABLE_NAMES = frozenset({".csv", ".tsv"})

_LANGUAGES = {
    ".bash": "bash",
    ".c": "c",
    ".cc": "cpp",
    ".clj": "clojure",
    ".cpp": "cpp",
    ".cs": "csharp",
    ".css": "css",
    ".dart": "dart",
    ".diff": "diff",
    ".ex": "elixir",
    ".go": "go",
    ".h": "c",
    ".hpp": "cpp",
    ".hs": "haskell",
    ".ini": "ini",
    ".java": "java",
    ".jl": "julia",
    ".js": "javascript",
    ".json": "json",
    ".jsonl": "json",
    ".jsx": "jsx",
    ".kt": "kotlin",
    ".lua": "lua",
    ".md": "markdown",
    ".mjs": "javascript",
    ".patch": "diff",
    ".php": "php",
    ".pl": "perl",
    ".ps1": "powershell",
    ".py": "python",
    ".r": "r",
    ".rb": "ruby",
    ".rs": "rust",
    ".scala": "scala",
    ".scss": "scss",
    ".sh": "bash",
    ".sql": "sql",
    ".svelte": "svelte",
    ".swift": "swift",
    ".tex": "latex",
    ".tf": "hcl",
    ".toml": "toml",
    ".ts": "typescript",
    ".tsx": "tsx",
    ".vue": "vue",
    ".xml": "xml",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".zig": "zig",
}


def suffix(name: str) -> str:
    """The end of a file's name in lower case, with its dot; "" for none."""
    return PurePosixPath(name.lower()).suffix


def language(name: str) -> str:
    """The word behind a fence for a file of this name, "" where none is known."""
    return _LANGUAGES.get(suffix(name), "")
