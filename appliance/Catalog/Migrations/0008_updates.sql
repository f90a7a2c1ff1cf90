-- What the look for a newer release found (docs/operations.md, Updates:Url). One row, so that of several workers one looks.

CREATE TABLE IF NOT EXISTS update_look (
    one             TINYINT       NOT NULL,
    asked_at        DATETIME(6)   NOT NULL,
    told_at         DATETIME(6)   NULL,
    release_version VARCHAR(80)   NULL,
    cause           VARCHAR(1000) NULL,
    remedy          VARCHAR(1000) NULL,
    PRIMARY KEY (one)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
