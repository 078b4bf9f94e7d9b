module subscriber

go 1.19
