-- How long an org's snapshots are kept (JSON of the engine; no row: for ever), and which are under a legal hold.

CREATE TABLE IF NOT EXISTS retention (
    org_id     BINARY(16)   NOT NULL PRIMARY KEY,
    policy     TEXT         NOT NULL,
    changed_at DATETIME(6)  NOT NULL,
    changed_by VARCHAR(120) NOT NULL,
    CONSTRAINT retention_org FOREIGN KEY (org_id) REFERENCES orgs (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS legal_holds (
    snapshot_id BINARY(16)   NOT NULL PRIMARY KEY,
    reason      VARCHAR(255) NOT NULL,
    held_at     DATETIME(6)  NOT NULL,
    held_by     VARCHAR(120) NOT NULL,
    CONSTRAINT legal_holds_snapshot FOREIGN KEY (snapshot_id) REFERENCES snapshots (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
