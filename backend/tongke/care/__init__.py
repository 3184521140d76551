"""What needs a person today: the reviewers' queue, failed work, the disk, certificates, backups."""
