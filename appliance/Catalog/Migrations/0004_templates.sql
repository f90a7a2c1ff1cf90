-- Saved choices of what to back up. content is the engine's JSON: objects, fields and filters, never a record.

CREATE TABLE IF NOT EXISTS templates (
    id          BINARY(16)   NOT NULL PRIMARY KEY,
    org_id      BINARY(16)   NOT NULL,
    name        VARCHAR(120) NOT NULL,
    description VARCHAR(1000) NOT NULL,
    content     MEDIUMTEXT   NOT NULL,
    changed_at  DATETIME(6)  NOT NULL,
    changed_by  VARCHAR(120) NOT NULL,
    UNIQUE KEY templates_name (org_id, name),
    CONSTRAINT templates_org FOREIGN KEY (org_id) REFERENCES orgs (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
