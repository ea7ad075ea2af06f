"use strict";

module.exports = "Thank you for connecting";
