"""Made people, continua and kinds, on whom a segmentation is tried."""
