"""Printed documents by e-mail: queued in the transaction of the act, sent by a job, tried again until they are out."""
