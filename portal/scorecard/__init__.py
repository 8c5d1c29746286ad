"""In public: how far our estimates lie from published measurements."""
