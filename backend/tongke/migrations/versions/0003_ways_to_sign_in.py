"""Ways to sign in: tries, providers, passkeys, one-time codes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
import sqlmodel
import tongke.db
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('burnt_token',
    sa.Column('token_sha256', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('expires_at', tongke.db.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('token_sha256', name=op.f('pk_burnt_token'))
    )
    with op.batch_alter_table('burnt_token', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_burnt_token_expires_at'), ['expires_at'], unique=False)

    op.create_table('sign_in_tries',
    sa.Column('key', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('wait_until', tongke.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('succeeded_at', tongke.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('forget_at', tongke.db.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_sign_in_tries'))
    )
    with op.batch_alter_table('sign_in_tries', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sign_in_tries_forget_at'), ['forget_at'], unique=False)

    op.create_table('authenticator',
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('sealed_secret', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('last_step', sa.Integer(), nullable=False),
    sa.Column('created_at', tongke.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('confirmed_at', tongke.db.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['person.id'], name=op.f('fk_authenticator_user_id_person'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_authenticator'))
    )
    op.create_table('failed_sign_in',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('at', tongke.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('address', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('user_agent', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['person.id'], name=op.f('fk_failed_sign_in_user_id_person'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_failed_sign_in'))
    )
    with op.batch_alter_table('failed_sign_in', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_failed_sign_in_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_failed_sign_in_user_id'), ['user_id'], unique=False)

    op.create_table('passkey',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('credential_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('public_key', sa.LargeBinary(), nullable=False),
    sa.Column('sign_count', sa.BigInteger(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('transports', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('is_backed_up', sa.Boolean(), nullable=False),
    sa.Column('created_at', tongke.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('used_at', tongke.db.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['person.id'], name=op.f('fk_passkey_user_id_person'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_passkey')),
    sa.UniqueConstraint('credential_id', name=op.f('uq_passkey_credential_id'))
    )
    with op.batch_alter_table('passkey', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_passkey_user_id'), ['user_id'], unique=False)

    op.create_table('provider_identity',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('provider', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('issuer', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('subject', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('email', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('linked_at', tongke.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('used_at', tongke.db.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['person.id'], name=op.f('fk_provider_identity_user_id_person'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_provider_identity')),
    sa.UniqueConstraint('issuer', 'subject', name=op.f('uq_provider_identity_issuer_subject'))
    )
    with op.batch_alter_table('provider_identity', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_provider_identity_user_id'), ['user_id'], unique=False)

    op.create_table('recovery_code',
    sa.Column('code_sha256', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('used_at', tongke.db.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['person.id'], name=op.f('fk_recovery_code_user_id_person'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('code_sha256', name=op.f('pk_recovery_code'))
    )
    with op.batch_alter_table('recovery_code', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_recovery_code_user_id'), ['user_id'], unique=False)

    op.create_table('sign_in_step',
    sa.Column('token_sha256', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=True),
    sa.Column('body', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('expires_at', tongke.db.UtcDateTime(timezone=True), nullable=False),
    sa.CheckConstraint("kind IN ('provider', 'identity', 'second', 'passkey')", name=op.f('ck_sign_in_step_kind')),
    sa.ForeignKeyConstraint(['user_id'], ['person.id'], name=op.f('fk_sign_in_step_user_id_person'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('token_sha256', name=op.f('pk_sign_in_step'))
    )
    with op.batch_alter_table('sign_in_step', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sign_in_step_expires_at'), ['expires_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_sign_in_step_user_id'), ['user_id'], unique=False)

    op.create_table('provider_session',
    sa.Column('token_sha256', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('provider', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('issuer', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('subject', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('sid', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('id_token', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['token_sha256'], ['sign_in_session.token_sha256'], name=op.f('fk_provider_session_token_sha256_sign_in_session'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('token_sha256', name=op.f('pk_provider_session'))
    )
    with op.batch_alter_table('provider_session', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_provider_session_sid'), ['sid'], unique=False)
        batch_op.create_index(batch_op.f('ix_provider_session_subject'), ['subject'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('provider_session', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_provider_session_subject'))
        batch_op.drop_index(batch_op.f('ix_provider_session_sid'))

    op.drop_table('provider_session')
    with op.batch_alter_table('sign_in_step', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_sign_in_step_user_id'))
        batch_op.drop_index(batch_op.f('ix_sign_in_step_expires_at'))

    op.drop_table('sign_in_step')
    with op.batch_alter_table('recovery_code', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_recovery_code_user_id'))

    op.drop_table('recovery_code')
    with op.batch_alter_table('provider_identity', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_provider_identity_user_id'))

    op.drop_table('provider_identity')
    with op.batch_alter_table('passkey', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_passkey_user_id'))

    op.drop_table('passkey')
    with op.batch_alter_table('failed_sign_in', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_failed_sign_in_user_id'))
        batch_op.drop_index(batch_op.f('ix_failed_sign_in_at'))

    op.drop_table('failed_sign_in')
    op.drop_table('authenticator')
    with op.batch_alter_table('sign_in_tries', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_sign_in_tries_forget_at'))

    op.drop_table('sign_in_tries')
    with op.batch_alter_table('burnt_token', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_burnt_token_expires_at'))

    op.drop_table('burnt_token')
