"""The channels offered for rights requests, tried from outside as a person would: pages, mailboxes, unsubscribe links.

What could not be tried is not known (null), never well and never broken: a machine without a network proves nothing.
"""
