"""Names that break out of HTML, spreadsheets, LaTeX and Markdown where they are not escaped."""

NASTY = (
    "</script><script>boom()</script>",
    '=HYPERLINK("http://evil.example")',
    "a_b & 100% $x$ #1 {~^\\}",
    "\u202ereversed\u202c\nnew | line `code` [x](javascript:boom())",
)
