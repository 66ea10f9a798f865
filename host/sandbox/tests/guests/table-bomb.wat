;; Grows a table for as long as it gets more of it.
(table $bomb 1 funcref)
(func (export "handle") (param i32) (result i32)
  (loop $more
    (br_if $more (i32.ne (table.grow $bomb (ref.null func) (i32.const 1000)) (i32.const -1))))
  unreachable)
