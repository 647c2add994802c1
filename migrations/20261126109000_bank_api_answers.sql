-- Stored answers are of loans: the door does not read them, not even to sweep. Each key takes away its own old ones.
drop policy door on bank_api_answers;
revoke all on bank_api_answers from door_rw;
