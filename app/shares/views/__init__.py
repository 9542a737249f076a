"""Routes of shares: the company's, the link's and the reader's own."""

from app.shares.views.company import blueprint as company
from app.shares.views.links import blueprint as links
from app.shares.views.reader import blueprint as reader

blueprints = (company, links, reader)
