"""What Alembic loads to run revisions: on the connection it is given, each in a transaction of its own.

So a revision that fails leaves the database at the one before it, and none keeps its locks while others work.
"""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
