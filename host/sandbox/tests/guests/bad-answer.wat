;; Ends in a way that the contract does not know.
(func (export "handle") (param i32) (result i32)
  (i32.store8 (i32.const 516) (i32.const 99))
  (i32.const 512))
