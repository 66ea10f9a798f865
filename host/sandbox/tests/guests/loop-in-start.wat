;; Never gets through its own start.
(func $start (loop $again (br $again)))
(start $start)
