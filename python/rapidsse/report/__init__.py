"""The report: one page, in one file, about many logs.

`_gather` reads the logs into `_page`'s plain data, bounded whatever the logs hold;
`_thumbnails` makes small pictures of large ones; `_render` puts it all into `page.html`.
"""
