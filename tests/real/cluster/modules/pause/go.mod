module pause.fairway.example

go 1.24.0
