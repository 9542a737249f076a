"""WeChat in the control plane: apps and templates, who people are, what they agreed to receive, whose message a send was.

Many tenants share one mini-program, so who a person is and what they agreed to receive belongs to the app, not to a
tenant. Every function opens and commits its own short control transaction, and may be repeated.
"""
