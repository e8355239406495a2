//! Threagile models.
