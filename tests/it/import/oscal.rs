//! OSCAL documents.
