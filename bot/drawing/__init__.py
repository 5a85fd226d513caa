"""From notices to messages: each bundle of the rules' table has one function that draws it from today's state."""
