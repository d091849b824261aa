UUIDs.

--- v4
local length = #uuid.v4()                 --> 36

--- v7
uuid.v7() < uuid.v7():gsub("^0", "f")     --> true

--- parse
uuid.parse("{017F22E2-79B0-7CC3-98C4-DC0C0C07398F}") --> 017f22e2-79b0-7cc3-98c4-dc0c0c07398f, 7
