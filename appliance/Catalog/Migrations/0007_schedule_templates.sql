-- Which templates a scheduled backup of the kinds templated, composite or compositeSync takes, in the order they were named.

CREATE TABLE IF NOT EXISTS schedule_templates (
    schedule_id BINARY(16) NOT NULL,
    position    INT        NOT NULL,
    template_id BINARY(16) NOT NULL,
    PRIMARY KEY (schedule_id, position),
    KEY schedule_templates_template (template_id),
    CONSTRAINT schedule_templates_schedule FOREIGN KEY (schedule_id) REFERENCES schedules (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
