//! Open Threat Models.
