"""Long work in the background: one way for imports, exports and whatever else takes longer than a page should.

A kind of work is a module that holds one `WORK` and stands in its room's manifest (`jobs=`). `actions.ask` puts a job in
the queue, a worker (`minzheng serve` starts two) runs it with the rights of whoever asked, and `queries` shows how far
it is. A job whose worker was killed is taken up again from its beginning, or fails with a clear text; none is stuck.
"""
