"""Users, memberships, tokens, invitations, the throttle of sign-ins and the installation; down drops them."""

from migrations.steps import describe, execute, set_timeouts

revision = "0002_accounts"
down_revision = "0001_organizations"

TABLES = (
    """
CREATE TABLE "user" (
  id uuid NOT NULL,
  version integer NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  created_by uuid,
  email text NOT NULL,
  email_key text NOT NULL,
  name text NOT NULL,
  language text NOT NULL,
  state text NOT NULL,
  password_hash text,
  password_change_required boolean NOT NULL,
  CONSTRAINT pk_user PRIMARY KEY (id),
  CONSTRAINT uq_user_email UNIQUE (email_key),
  CONSTRAINT ck_user_language_known CHECK (language IN ('id', 'en')),
  CONSTRAINT ck_user_state_known CHECK (state IN ('invited', 'active', 'disabled')),
  CONSTRAINT ck_user_active_has_password CHECK (state <> 'active' OR password_hash IS NOT NULL)
)
""",
    """
CREATE TABLE membership (
  id uuid NOT NULL,
  version integer NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  created_by uuid,
  user_id uuid NOT NULL,
  organization_id uuid NOT NULL,
  roles text[] NOT NULL,
  CONSTRAINT pk_membership PRIMARY KEY (id),
  CONSTRAINT fk_membership_user_id FOREIGN KEY (user_id) REFERENCES "user" (id),
  CONSTRAINT fk_membership_organization_id FOREIGN KEY (organization_id) REFERENCES organization (id),
  CONSTRAINT uq_membership_user_organization UNIQUE (user_id, organization_id),
  CONSTRAINT ck_membership_roles_known CHECK (
    roles <@ ARRAY['viewer', 'coordinator', 'reviewer', 'approver', 'org_admin', 'auditor',
    'platform_admin']::text[]
  ),
  CONSTRAINT ck_membership_roles_given CHECK (cardinality(roles) > 0)
)
""",
    "CREATE INDEX ix_membership_organization_id ON membership (organization_id)",
    """
CREATE TABLE token (
  id uuid NOT NULL,
  version integer NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  created_by uuid,
  kind text NOT NULL,
  digest bytea NOT NULL,
  user_id uuid NOT NULL,
  organization_id uuid NOT NULL,
  name text,
  roles text[],
  expires_on date,
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz,
  CONSTRAINT pk_token PRIMARY KEY (id),
  CONSTRAINT fk_token_user_id_organization_id FOREIGN KEY (user_id, organization_id)
    REFERENCES membership (user_id, organization_id) ON DELETE CASCADE,
  CONSTRAINT uq_token_digest UNIQUE (digest),
  CONSTRAINT ck_token_kind_known CHECK (kind IN ('session', 'api_key')),
  CONSTRAINT ck_token_roles_known CHECK (
    roles <@ ARRAY['viewer', 'coordinator', 'reviewer', 'approver', 'org_admin', 'auditor',
    'platform_admin']::text[]
  ),
  CONSTRAINT ck_token_expires_on_in_calendar CHECK (
    expires_on BETWEEN DATE '1945-01-01' AND DATE '2199-12-31'
  ),
  CONSTRAINT ck_token_key_has_name CHECK ((kind = 'api_key') = (name IS NOT NULL)),
  CONSTRAINT ck_token_key_has_roles CHECK ((kind = 'api_key') = (roles IS NOT NULL)),
  CONSTRAINT ck_token_key_never_approves CHECK (NOT 'approver' = ANY (roles))
)
""",
    "CREATE INDEX ix_token_organization_id ON token (organization_id)",
    "CREATE INDEX ix_token_user_id_organization_id ON token (user_id, organization_id)",
    """
CREATE TABLE invitation (
  digest bytea NOT NULL,
  user_id uuid NOT NULL,
  expires_at timestamptz NOT NULL,
  CONSTRAINT pk_invitation PRIMARY KEY (digest),
  CONSTRAINT fk_invitation_user_id FOREIGN KEY (user_id) REFERENCES "user" (id) ON DELETE CASCADE
)
""",
    "CREATE INDEX ix_invitation_user_id ON invitation (user_id)",
    """
CREATE TABLE sign_in_throttle (
  subject bytea NOT NULL,
  window_started_at timestamptz NOT NULL,
  failures integer NOT NULL,
  CONSTRAINT pk_sign_in_throttle PRIMARY KEY (subject)
)
""",
    """
CREATE TABLE installation (
  singleton boolean DEFAULT true NOT NULL,
  secret bytea NOT NULL,
  organization_id uuid,
  CONSTRAINT pk_installation PRIMARY KEY (singleton),
  CONSTRAINT fk_installation_organization_id FOREIGN KEY (organization_id) REFERENCES organization (id),
  CONSTRAINT ck_installation_one_row CHECK (singleton)
)
""",
    "CREATE INDEX ix_installation_organization_id ON installation (organization_id)",
)

COMMENTS = {
    'TABLE "user"': "A person. What the person may do stands in membership.",
    'COLUMN "user".id': "UUIDv7 made by the service.",
    'COLUMN "user".version': "Rises by one at each change.",
    'COLUMN "user".created_by': "User; null for the system. No foreign key: users may be erased.",
    'COLUMN "user".email': "As written; compared by email_key.",
    'COLUMN "user".email_key': "NFKC and casefolded.",
    'COLUMN "user".password_hash': "argon2id; null while invited.",
    "TABLE membership": "A person's roles in one organization.",
    "COLUMN membership.id": "UUIDv7 made by the service.",
    "COLUMN membership.version": "Rises by one at each change.",
    "COLUMN membership.created_by": "User; null for the system. No foreign key: users may be erased.",
    "TABLE token": "Sessions and API keys: a token acts for one person in one organization.",
    "COLUMN token.id": "UUIDv7 made by the service.",
    "COLUMN token.version": "Rises by one at each change.",
    "COLUMN token.created_by": "User; null for the system. No foreign key: users may be erased.",
    "COLUMN token.digest": "SHA-256 of the token; the token is never kept.",
    "COLUMN token.name": "What an API key is for.",
    "COLUMN token.roles": "Roles of an API key; a session has those of the membership.",
    "COLUMN token.expires_on": "Last day an API key works.",
    "TABLE invitation": "One-time right to set the first password; the row goes when it is used.",
    "TABLE sign_in_throttle": (
        "Failed sign-ins per account and per address; shared by all copies of the service."
    ),
    "COLUMN sign_in_throttle.subject": "Keyed hash of an account or an address.",
    "TABLE installation": "What belongs to this installation as a whole.",
    "COLUMN installation.secret": "Signs cursors and keys hashes; same for all copies.",
    "COLUMN installation.organization_id": "The operating organization, once bootstrapped.",
}

ROUTINES = (
    """
CREATE FUNCTION principal_changed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
  -- Every copy of the service drops what it remembers of this person.
  IF TG_TABLE_NAME = 'user' THEN
    PERFORM pg_notify('tenun_principal', NEW.id::text);
  ELSE
    PERFORM pg_notify('tenun_principal', OLD.user_id::text);
  END IF;
  RETURN NULL;
END $$
""",
    """
CREATE TRIGGER token_changed AFTER UPDATE OR DELETE ON token
FOR EACH ROW EXECUTE FUNCTION principal_changed()
""",
    """
CREATE TRIGGER membership_changed AFTER UPDATE OR DELETE ON membership
FOR EACH ROW EXECUTE FUNCTION principal_changed()
""",
    'CREATE TRIGGER user_changed AFTER UPDATE ON "user" FOR EACH ROW EXECUTE FUNCTION principal_changed()',
)

DROPS = (
    'DROP TABLE installation, sign_in_throttle, invitation, token, membership, "user"',
    "DROP FUNCTION principal_changed()",
)


def upgrade() -> None:
    set_timeouts()
    execute(TABLES)
    describe(COMMENTS)
    execute(ROUTINES)


def downgrade() -> None:
    set_timeouts()
    execute(DROPS)
