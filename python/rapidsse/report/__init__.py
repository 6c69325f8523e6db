"""The report: one HTML page about many logs.

`_gather` reads the logs into the plain data of `_page`, whose size is bounded; `_thumbnails`
scales images down; `_render` fills `page.html`.
"""
