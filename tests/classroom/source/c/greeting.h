/* What a greeting server says. */
extern const char *const reply;
