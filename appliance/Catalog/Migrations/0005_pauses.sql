-- Why and until when a job is paused. The row outlives the pause until the job ends: times counts pauses in a row, calls_to_begin is what a resumed
-- run spends before it gets on. look_at is when the job tries again by itself (the database's clock); NULL waits for somebody.
-- asked_by is set while a running job is asked to pause.

CREATE TABLE IF NOT EXISTS job_pauses (
    job_id         BINARY(16)   NOT NULL PRIMARY KEY,
    reason         VARCHAR(16)  NOT NULL,
    since          DATETIME(6)  NOT NULL,
    look_at        DATETIME(6)  NULL,
    times          INT          NOT NULL DEFAULT 0,
    calls_to_begin BIGINT       NOT NULL DEFAULT 0,
    asked_by       VARCHAR(120) NULL,
    CONSTRAINT job_pauses_job FOREIGN KEY (job_id) REFERENCES jobs (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What share of an org's daily quota may be used up, by whomever, before our jobs pause. An org without a row has the default.

CREATE TABLE IF NOT EXISTS org_budgets (
    org_id       BINARY(16)   NOT NULL PRIMARY KEY,
    rest_percent INT          NOT NULL,
    bulk_percent INT          NOT NULL,
    changed_at   DATETIME(6)  NOT NULL,
    changed_by   VARCHAR(120) NOT NULL,
    CONSTRAINT org_budgets_org FOREIGN KEY (org_id) REFERENCES orgs (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
