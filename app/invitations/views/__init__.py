"""Routes of invitations: the company's, the link's and the candidate's own."""

from app.invitations.views.company import blueprint as company
from app.invitations.views.links import blueprint as links
from app.invitations.views.mine import blueprint as mine

blueprints = (company, links, mine)
