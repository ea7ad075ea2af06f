#include "greeting.h"

const char *const reply = "Thank you for connecting\n";
