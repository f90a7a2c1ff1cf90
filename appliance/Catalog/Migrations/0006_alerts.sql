-- What people are told, where, and whether it arrived. secret is an AES-256-GCM box (SecretBox): addresses of webhooks, keys, passwords of mail servers.
-- once_key lets every process raise an alert and one of them succeed. Deliveries name their channel by text, so that the log outlives it.

CREATE TABLE IF NOT EXISTS alert_channels (
    id         BINARY(16)     NOT NULL PRIMARY KEY,
    org_id     BINARY(16)     NULL,
    name       VARCHAR(120)   NOT NULL,
    kind       VARCHAR(16)    NOT NULL,
    events     VARCHAR(400)   NOT NULL,
    enabled    TINYINT(1)     NOT NULL,
    settings   TEXT           NOT NULL,
    secret     VARBINARY(8192) NULL,
    changed_at DATETIME(6)    NOT NULL,
    changed_by VARCHAR(120)   NOT NULL,
    CONSTRAINT alert_channels_org FOREIGN KEY (org_id) REFERENCES orgs (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS alerts (
    id        BINARY(16)   NOT NULL PRIMARY KEY,
    org_id    BINARY(16)   NULL,
    job_id    BINARY(16)   NULL,
    kind      VARCHAR(24)  NOT NULL,
    once_key  VARCHAR(160) NOT NULL,
    title     VARCHAR(255) NOT NULL,
    text      TEXT         NOT NULL,
    remedy    TEXT         NULL,
    raised_at DATETIME(6)  NOT NULL,
    UNIQUE KEY alerts_once (once_key),
    KEY alerts_by_time (raised_at),
    KEY alerts_by_org (org_id, raised_at),
    CONSTRAINT alerts_org FOREIGN KEY (org_id) REFERENCES orgs (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS alert_deliveries (
    id         BIGINT       NOT NULL AUTO_INCREMENT PRIMARY KEY,
    alert_id   BINARY(16)   NOT NULL,
    channel_id BINARY(16)   NOT NULL,
    channel    VARCHAR(120) NOT NULL,
    state      VARCHAR(16)  NOT NULL,
    attempts   INT          NOT NULL DEFAULT 0,
    next_at    DATETIME(6)  NULL,
    ended_at   DATETIME(6)  NULL,
    answer     VARCHAR(500) NULL,
    KEY alert_deliveries_due (state, next_at),
    KEY alert_deliveries_by_alert (alert_id),
    CONSTRAINT alert_deliveries_alert FOREIGN KEY (alert_id) REFERENCES alerts (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Jobs that have been looked at for alerts. What ended before this release is not told of.
CREATE TABLE IF NOT EXISTS alert_looks (
    job_id    BINARY(16)  NOT NULL PRIMARY KEY,
    looked_at DATETIME(6) NOT NULL,
    CONSTRAINT alert_looks_job FOREIGN KEY (job_id) REFERENCES jobs (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

INSERT IGNORE INTO alert_looks (job_id, looked_at) SELECT id, UTC_TIMESTAMP(6) FROM jobs WHERE ended_at IS NOT NULL;

CREATE TABLE IF NOT EXISTS anomaly_rules (
    org_id     BINARY(16)   NOT NULL PRIMARY KEY,
    content    TEXT         NOT NULL,
    changed_at DATETIME(6)  NOT NULL,
    changed_by VARCHAR(120) NOT NULL,
    CONSTRAINT anomaly_rules_org FOREIGN KEY (org_id) REFERENCES orgs (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
