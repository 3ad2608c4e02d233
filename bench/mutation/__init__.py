"""Wrong lines planted in equations and rules, one at a time, to see whether a test goes red."""
