-- The catalog of the first release. Settings, tokens, jobs and the ids of what is stored; never a record of the customer's org.
-- Every statement may run twice (MySQL commits each DDL statement by itself). Secrets are AES-256-GCM boxes (SecretBox), times are UTC.

CREATE TABLE IF NOT EXISTS orgs (
    id                BINARY(16)     NOT NULL PRIMARY KEY,
    name              VARCHAR(120)   NOT NULL,
    salesforce_org_id CHAR(18)       NOT NULL,
    login_url         VARCHAR(255)   NOT NULL,
    client_id         VARCHAR(255)   NOT NULL,
    client_secret     VARBINARY(1024) NULL,
    instance_url      VARCHAR(255)   NOT NULL,
    access_token      VARBINARY(8192) NOT NULL,
    refresh_token     VARBINARY(8192) NULL,
    token_state       VARCHAR(16)    NOT NULL,
    connected_at      DATETIME(6)    NOT NULL,
    vault_name        VARCHAR(64)    NOT NULL,
    UNIQUE KEY orgs_salesforce (salesforce_org_id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- running_org_id is the org's id while the job is in progress and NULL otherwise: the unique key is what keeps an org to one running job.
-- fencing grows with every lease; a write that names an older number is refused. position is the order of arrival.
-- once_key names a deed that may be queued only once, such as the run of one restore plan.
CREATE TABLE IF NOT EXISTS jobs (
    id             BINARY(16)   NOT NULL PRIMARY KEY,
    org_id         BINARY(16)   NOT NULL,
    kind           VARCHAR(24)  NOT NULL,
    state          VARCHAR(24)  NOT NULL,
    parameters     MEDIUMTEXT   NOT NULL,
    progress       MEDIUMTEXT   NULL,
    result         MEDIUMTEXT   NULL,
    cause          TEXT         NULL,
    remedy         TEXT         NULL,
    created_at     DATETIME(6)  NOT NULL,
    created_by     VARCHAR(120) NOT NULL,
    started_at     DATETIME(6)  NULL,
    ended_at       DATETIME(6)  NULL,
    abort_asked    TINYINT(1)   NOT NULL DEFAULT 0,
    worker         VARCHAR(120) NULL,
    lease_until    DATETIME(6)  NULL,
    fencing        BIGINT       NOT NULL DEFAULT 0,
    attempts       INT          NOT NULL DEFAULT 0,
    running_org_id BINARY(16)   NULL,
    once_key       VARCHAR(120) NULL,
    version        BIGINT       NOT NULL DEFAULT 0,
    position       BIGINT       NOT NULL AUTO_INCREMENT,
    UNIQUE KEY jobs_position (position),
    UNIQUE KEY jobs_one_running (running_org_id),
    UNIQUE KEY jobs_once (once_key),
    KEY jobs_by_state (state, position),
    KEY jobs_by_org (org_id, position),
    CONSTRAINT jobs_org FOREIGN KEY (org_id) REFERENCES orgs (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS job_log (
    id     BIGINT      NOT NULL AUTO_INCREMENT PRIMARY KEY,
    job_id BINARY(16)  NOT NULL,
    at     DATETIME(6) NOT NULL,
    level  VARCHAR(16) NOT NULL,
    text   TEXT        NOT NULL,
    KEY job_log_by_job (job_id, id),
    CONSTRAINT job_log_job FOREIGN KEY (job_id) REFERENCES jobs (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS snapshots (
    id              BINARY(16)  NOT NULL PRIMARY KEY,
    org_id          BINARY(16)  NOT NULL,
    job_id          BINARY(16)  NOT NULL,
    kind            VARCHAR(16) NOT NULL,
    parent_id       BINARY(16)  NULL,
    started_at      DATETIME(6) NOT NULL,
    completed_at    DATETIME(6) NOT NULL,
    objects         INT         NOT NULL,
    records         BIGINT      NOT NULL,
    files           BIGINT      NOT NULL,
    bytes_stored    BIGINT      NOT NULL,
    complete        TINYINT(1)  NOT NULL,
    manifest_sha256 CHAR(64)    NOT NULL,
    KEY snapshots_by_org (org_id, completed_at),
    CONSTRAINT snapshots_org FOREIGN KEY (org_id) REFERENCES orgs (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- folded_name is the name in lower case: users are found by it, whatever case they type.
CREATE TABLE IF NOT EXISTS users (
    id              BINARY(16)   NOT NULL PRIMARY KEY,
    name            VARCHAR(120) NOT NULL,
    folded_name     VARCHAR(120) NOT NULL,
    password_hash   VARCHAR(255) NOT NULL,
    role            VARCHAR(40)  NOT NULL,
    failed_sign_ins INT          NOT NULL DEFAULT 0,
    locked_until    DATETIME(6)  NULL,
    created_at      DATETIME(6)  NOT NULL,
    UNIQUE KEY users_name (folded_name)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS sessions (
    id_hash    BINARY(32)  NOT NULL PRIMARY KEY,
    user_id    BINARY(16)  NOT NULL,
    created_at DATETIME(6) NOT NULL,
    expires_at DATETIME(6) NOT NULL,
    KEY sessions_by_user (user_id),
    CONSTRAINT sessions_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS api_tokens (
    id           BINARY(16)   NOT NULL PRIMARY KEY,
    user_id      BINARY(16)   NOT NULL,
    name         VARCHAR(120) NOT NULL,
    token_hash   BINARY(32)   NOT NULL,
    created_at   DATETIME(6)  NOT NULL,
    expires_at   DATETIME(6)  NULL,
    last_used_at DATETIME(6)  NULL,
    UNIQUE KEY api_tokens_hash (token_hash),
    KEY api_tokens_by_user (user_id),
    CONSTRAINT api_tokens_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- One row at most (id = 1): the link that makes the first user.
CREATE TABLE IF NOT EXISTS setup_tokens (
    id         TINYINT     NOT NULL PRIMARY KEY,
    token_hash BINARY(32)  NOT NULL,
    created_at DATETIME(6) NOT NULL
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS pending_connections (
    id            BINARY(16)      NOT NULL PRIMARY KEY,
    state_hash    BINARY(32)      NOT NULL,
    user_id       BINARY(16)      NOT NULL,
    name          VARCHAR(120)    NOT NULL,
    login_url     VARCHAR(255)    NOT NULL,
    client_id     VARCHAR(255)    NOT NULL,
    client_secret VARBINARY(1024) NULL,
    verifier      VARBINARY(512)  NOT NULL,
    expires_at    DATETIME(6)     NOT NULL,
    UNIQUE KEY pending_connections_state (state_hash)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Append-only: the program has no statement that changes or removes a row here.
CREATE TABLE IF NOT EXISTS audit_log (
    id      BIGINT       NOT NULL AUTO_INCREMENT PRIMARY KEY,
    at      DATETIME(6)  NOT NULL,
    actor   VARCHAR(120) NOT NULL,
    action  VARCHAR(60)  NOT NULL,
    subject VARCHAR(255) NOT NULL,
    detail  TEXT         NULL,
    KEY audit_log_by_time (at)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
