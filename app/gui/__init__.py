"""The window. Views hold no logic: app.live does the work on its own threads, one bridge brings its news here."""
