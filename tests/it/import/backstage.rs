//! Backstage catalogues.
