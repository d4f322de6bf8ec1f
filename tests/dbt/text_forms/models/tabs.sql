select	1	as	id	-- tab
	{#- gone -#}
	, 2 as b
