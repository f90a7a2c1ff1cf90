-- When backups run by themselves. next_due is UTC and NULL while a schedule is disabled; cadence and time_zone say how to find the one after.
-- A row in schedules_off lets all schedules of an org stand still.

CREATE TABLE IF NOT EXISTS schedules (
    id           BINARY(16)   NOT NULL PRIMARY KEY,
    org_id       BINARY(16)   NOT NULL,
    kind         VARCHAR(16)  NOT NULL,
    cadence      VARCHAR(120) NOT NULL,
    time_zone    VARCHAR(64)  NOT NULL,
    next_due     DATETIME(6)  NULL,
    last_job_id  BINARY(16)   NULL,
    skipped      BIGINT       NOT NULL DEFAULT 0,
    created_at   DATETIME(6)  NOT NULL,
    created_by   VARCHAR(120) NOT NULL,
    KEY schedules_by_due (next_due),
    KEY schedules_by_org (org_id, created_at),
    CONSTRAINT schedules_org FOREIGN KEY (org_id) REFERENCES orgs (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS schedules_off (
    org_id BINARY(16)   NOT NULL PRIMARY KEY,
    since  DATETIME(6)  NOT NULL,
    by_whom VARCHAR(120) NOT NULL,
    CONSTRAINT schedules_off_org FOREIGN KEY (org_id) REFERENCES orgs (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
